/**
 * The safetensors file format: a strict reader that survives hostile files, and a writer whose equal content gives equal
 * bytes. Independent of networks.
 */
@NullMarked
package org.amend4j.safetensors;

import org.jspecify.annotations.NullMarked;

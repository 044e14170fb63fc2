/**
 * The safetensors file format: a strict reader that survives hostile files, and a writer that gives equal bytes for equal content.
 * Independent of networks.
 */
@NullMarked
package org.amend4j.safetensors;

import org.jspecify.annotations.NullMarked;

/**
 * The GGUF file format of llama.cpp: a strict reader that survives hostile files, and the exact values of its quantised blocks. Independent
 * of networks and arrays.
 */
@NullMarked
package org.amend4j.gguf;

import org.jspecify.annotations.NullMarked;

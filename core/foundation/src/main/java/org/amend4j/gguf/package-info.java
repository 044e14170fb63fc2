/**
 * The GGUF file format, in which llama.cpp keeps models: a strict reader that survives hostile files, and the values that its blocks
 * of a few bits stand for, bit for bit. Independent of networks and arrays.
 */
@NullMarked
package org.amend4j.gguf;

import org.jspecify.annotations.NullMarked;

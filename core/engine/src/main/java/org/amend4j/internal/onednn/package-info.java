/**
 * oneDNN, a library of products for processors with wide vectors and matrix units, where the class path or the system has one:
 * matrices that never change are packed once into the layout it multiplies fastest, in single precision or rounded to bfloat16. Found
 * at run time; nothing depends on it.
 *
 * <p>Bound by JNA to its C interface, version 3 (Apache-2.0, https://uxlfoundation.github.io/oneDNN).
 */
@NullMarked
package org.amend4j.internal.onednn;

import org.jspecify.annotations.NullMarked;

/**
 * Attention as pure functions of arrays: scaled dot products with their softmax and derivatives, and projections around them. Sequences are
 * rows, [examples · steps, width] in C order, with the columns of all heads side by side; every product with a weight is one of all rows.
 */
@NullMarked
package org.amend4j.internal.attention;

import org.jspecify.annotations.NullMarked;

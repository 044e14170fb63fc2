/**
 * Exact values, to rounding, where they can be computed: the return of a softmax policy on a finite process with its
 * gradient and Hessian ({@link org.amend4j.exact.ExactReturn}), optimal values, fixed points of temporal differences, closed
 * forms of the XOR process, costs of linear-quadratic control, and smoothness constants. Estimates are compared with these.
 * Independent of networks and of ND4J's arrays.
 */
@NullMarked
package org.amend4j.exact;

import org.jspecify.annotations.NullMarked;

/**
 * The arithmetic of (ε,δ)-certificates: how much Gaussian noise a distance between two models needs, what several releases
 * cost together, what an attacker can still infer, and exact noise. Pure numbers, independent of networks, arrays and all
 * other packages of amend4j. docs/privacy.md has the mathematics.
 *
 * <p>Everything that could weaken a promise is rounded towards more noise, a larger ε, a larger δ. Wrong arguments are
 * {@link IllegalArgumentException}s; {@link ArithmeticException} means that the arguments are valid, but that double
 * precision does not suffice for the guarantee.
 */
@NullMarked
package org.amend4j.privacy;

import org.jspecify.annotations.NullMarked;

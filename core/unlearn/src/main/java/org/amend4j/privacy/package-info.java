/**
 * The arithmetic of (ε,δ)-certificates: how much Gaussian noise a distance between two models needs, what several releases
 * cost together, what an attacker can still tell, and noise that is exact. Pure numbers: knows no networks, no arrays and
 * no other package of amend4j. docs/privacy.md has the mathematics.
 *
 * <p>Everything that could weaken a promise is rounded towards more noise, a larger ε, a larger δ. Wrong arguments are
 * {@link IllegalArgumentException}s; {@link ArithmeticException} says that the arguments make sense, but that double
 * precision cannot carry the promise.
 */
@NullMarked
package org.amend4j.privacy;

import org.jspecify.annotations.NullMarked;

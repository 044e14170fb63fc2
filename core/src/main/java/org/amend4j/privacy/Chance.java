package org.amend4j.privacy;

import java.math.BigInteger;

/** Exact elementary random choices; everything random in this package is made of these two. */
interface Chance {

    /** Uniform on {0, …, bound - 1}; {@code bound >= 1}. */
    long below(long bound);

    /** True with probability exactly {@code numerator/denominator}, which is in [0, 1]. */
    boolean happens(BigInteger numerator, BigInteger denominator);
}

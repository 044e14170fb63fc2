/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.math.BigInteger;
import org.amend4j.random.RandomBytes;

/** Choices from uniform bytes: as many bits as the bound has, again until they are below it. */
final class RejectionChance implements Chance {

    private final RandomBytes source;

    RejectionChance(RandomBytes source) {
        this.source = source;
    }

    @Override
    public long below(long bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound must be >= 1, got " + bound);
        }
        int bits = Long.SIZE - Long.numberOfLeadingZeros(bound - 1);
        byte[] bytes = new byte[(bits + 7) / 8];
        long mask = -1L >>> (Long.SIZE - bits); // without bits there are no bytes, and nothing to mask
        long drawn;
        do {
            source.fill(bytes);
            drawn = 0;
            for (byte b : bytes) {
                drawn = drawn << 8 | (b & 0xff);
            }
            drawn &= mask;
        } while (drawn >= bound);
        return drawn;
    }

    @Override
    public boolean happens(BigInteger numerator, BigInteger denominator) {
        if (denominator.bitLength() < Long.SIZE) {
            return below(denominator.longValue()) < numerator.longValue();
        }
        return below(denominator).compareTo(numerator) < 0;
    }

    private BigInteger below(BigInteger bound) {
        int bits = bound.subtract(BigInteger.ONE).bitLength();
        byte[] bytes = new byte[(bits + 7) / 8];
        int firstMask = 0xff >>> (8 * bytes.length - bits);
        BigInteger drawn;
        do {
            source.fill(bytes);
            bytes[0] &= (byte) firstMask;
            drawn = new BigInteger(1, bytes);
        } while (drawn.compareTo(bound) >= 0);
        return drawn;
    }
}

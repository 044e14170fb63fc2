/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.keys.Hmac;
import org.amend4j.objective.RecordIds;
import org.amend4j.sensitivity.Normaliser;

/**
 * Mini-batches in which a record's membership depends on the key, the run, the record and the step only: record r belongs to
 * step t if and only if the first 64 bits of HMAC-SHA256(key, run‖r‖t), as an unsigned number, are below p·2^64. The run, r
 * and t are eight bytes each, most significant first.
 *
 * <p>So a removal removes a record's own terms and nothing else: {@code batch(D \ Z, t) = batch(D, t) \ Z}, and bounds over
 * keyed batches are bounds for the worst case. The sum over a batch is divided by {@link #normaliser}, never by its size.
 */
public final class KeyedBatches implements BatchSchedule {

    private static final BigInteger ALL = BigInteger.ONE.shiftLeft(64);
    private static final byte[] FINGERPRINT = "amend4j.unlearn.KeyedBatches".getBytes(StandardCharsets.US_ASCII);

    private final Hmac hmac;
    private final long run;
    private final double rate;
    /** Ceiling of p·2^64, as an unsigned number; meaningless if everything belongs. */
    private final long threshold;

    /**
     * Batches of a run.
     *
     * @param key secret, at least 16 bytes; copied
     * @param run which run, so that several can share a key
     * @param rate p, a record's probability to belong to a step, in (0, 1]
     */
    public KeyedBatches(byte[] key, long run, double rate) {
        if (!(rate > 0 && rate <= 1)) {
            throw new IllegalArgumentException("the rate of keyed batches must be in (0, 1], got " + rate);
        }
        this.hmac = new Hmac(key);
        this.run = run;
        this.rate = rate;
        this.threshold = new BigDecimal(rate)
                .multiply(new BigDecimal(ALL))
                .setScale(0, RoundingMode.CEILING)
                .toBigIntegerExact()
                .longValue();
    }

    /** Whether a record belongs to a step. */
    public boolean contains(long record, int step) {
        if (rate == 1) {
            return true;
        }
        byte[] message = ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(run)
                .putLong(record)
                .putLong(step)
                .array();
        long first = ByteBuffer.wrap(hmac.of(message)).getLong();
        return Long.compareUnsigned(first, threshold) < 0;
    }

    @Override
    public RecordIds at(RecordIds records, int step) {
        return RecordIds.of(records.stream().filter(id -> contains(id, step)).toArray());
    }

    /**
     * B = p·N0.
     *
     * @param plannedRecords N0, chosen without looking at the data
     */
    public Normaliser normaliser(int plannedRecords) {
        return new Normaliser.Fixed(rate * Checks.atLeast(1, "the planned number of records", plannedRecords));
    }

    /** Tells keys apart without giving them away: 64 hexadecimal digits. */
    public String keyFingerprint() {
        return fingerprint(hmac);
    }

    static String fingerprint(Hmac hmac) {
        return hmac.hex(FINGERPRINT);
    }

    @Override
    public double rate() {
        return rate;
    }

    @Override
    public Facts facts() {
        return Facts.sentence(
                "keyed batches of rate " + Facts.text(rate) + ", key " + keyFingerprint() + ", run " + run);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.keys.Hmac;
import org.amend4j.objective.RecordIds;

/**
 * Epochs of mini-batches: in every epoch each record is used once, at a step that depends on the key, the run, the record's
 * unit and the epoch only. With the first 64 bits h of HMAC-SHA256(key, run‖unit‖epoch) as an unsigned number, that is step
 * {@code ⌊h·S/2^64⌋} of the epoch's S steps. Batches differ in size; the sum over a batch is divided by a constant.
 *
 * <p>The unit is the record itself, or its subject: then all of a subject's records are used at one step, and deleting the subject
 * contaminates one step an epoch instead of many. In a single epoch the subject's last clean checkpoint is half a run back
 * on average, where separate records, m of them, would leave 1/(m + 1) of it.
 *
 * <p>Not thread-safe.
 */
public final class KeyedEpochs implements BatchSchedule {

    private final Hmac hmac;
    private final long run;
    private final int stepsPerEpoch;
    private final LongUnaryOperator unit;
    private Slots last = new Slots(RecordIds.of(), -1, new int[0]);

    /** The steps of records in an epoch, in the records' order. */
    @SuppressWarnings("ArrayRecordComponent") // never leaves the class
    private record Slots(RecordIds records, int epoch, int[] slots) {}

    /**
     * Epochs of a run.
     *
     * @param key secret, at least 16 bytes; copied
     * @param run which run, so that several can share a key
     * @param stepsPerEpoch S, >= 1
     * @param unit from a record's id to what is kept together: the identity, or the subject
     */
    public KeyedEpochs(byte[] key, long run, int stepsPerEpoch, LongUnaryOperator unit) {
        this.hmac = new Hmac(key);
        this.run = run;
        this.stepsPerEpoch = Checks.atLeast(1, "the number of steps per epoch", stepsPerEpoch);
        this.unit = unit;
    }

    /** S. */
    public int stepsPerEpoch() {
        return stepsPerEpoch;
    }

    @Override
    public RecordIds at(RecordIds records, int step) {
        int[] slots = slots(records, step / stepsPerEpoch);
        int wanted = step % stepsPerEpoch;
        long[] batch = new long[slots.length];
        int size = 0;
        for (int k = 0; k < slots.length; k++) {
            if (slots[k] == wanted) {
                batch[size++] = records.get(k);
            }
        }
        return RecordIds.of(Arrays.copyOf(batch, size));
    }

    // the same object is cheap to see, and epochs are gone through in order
    @SuppressWarnings("ReferenceEquality")
    private int[] slots(RecordIds records, int epoch) {
        if (last.records != records || last.epoch != epoch) {
            int[] slots = new int[records.size()];
            for (int k = 0; k < slots.length; k++) {
                slots[k] = slot(unit.applyAsLong(records.get(k)), epoch);
            }
            last = new Slots(records, epoch, slots);
        }
        return last.slots;
    }

    private int slot(long ofUnit, int epoch) {
        byte[] message = ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(run)
                .putLong(ofUnit)
                .putLong(epoch)
                .array();
        byte[] first = Arrays.copyOf(hmac.of(message), Long.BYTES);
        return new BigInteger(1, first)
                .multiply(BigInteger.valueOf(stepsPerEpoch))
                .shiftRight(Long.SIZE)
                .intValueExact();
    }

    @Override
    public double rate() {
        return 1.0 / stepsPerEpoch;
    }

    /** All but the units, a function, which the caller answers for. */
    @Override
    public Facts facts() {
        return Facts.sentence(
                "keyed epochs of " + stepsPerEpoch + " steps, key " + KeyedBatches.fingerprint(hmac) + ", run " + run);
    }
}

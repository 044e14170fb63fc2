/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.compiler.Value.Buffer.Planned;
import org.amend4j.internal.compiler.Value.Buffer.Planned.Numbers;

/**
 * Where the values of a plan are in its memory. A value has its place from the step that first writes it to the step that last
 * reads it; values whose times overlap do not share elements. The largest go first, each to the lowest free place.
 *
 * @param offsets by the number of the buffer, in elements
 * @param lengths by the number of the buffer, in elements
 * @param ends elements of the memory for each kind of numbers
 */
record MemoryLayout(Map<Integer, Long> offsets, Map<Integer, Long> lengths, Map<Numbers, Long> ends) {

    /** Places start at multiples of 256 bytes, so that whole lines are moved. */
    private static final long ALIGNMENT = 64;

    MemoryLayout {
        offsets = Map.copyOf(offsets);
        lengths = Map.copyOf(lengths);
        ends = Map.copyOf(ends);
    }

    /** Elements of the memory for a kind of numbers. */
    long end(Numbers numbers) {
        return ends.getOrDefault(numbers, 0L);
    }

    /** Bytes of all of it, with reals in single precision. */
    long bytes() {
        return (end(Numbers.REAL) + end(Numbers.INTEGER)) * Float.BYTES + end(Numbers.NARROW) * Short.BYTES;
    }

    /** A buffer's time. */
    private static final class Span {
        final Planned buffer;
        final int from;
        int to;
        long length;
        long offset;

        Span(Planned buffer, int from) {
            this.buffer = buffer;
            this.from = from;
        }

        boolean meets(Span other) {
            return from <= other.to && other.from <= to && buffer.numbers() == other.buffer.numbers();
        }
    }

    /**
     * Places for a run of a size.
     *
     * @param kept what must be there after the last step
     * @throws IllegalArgumentException if a value has more rows than can be counted ({@link Value#rowsOf})
     */
    static MemoryLayout of(List<PlanStep> steps, List<Value> kept, RunSize size) {
        Map<Integer, Span> spans = new HashMap<>();
        for (int k = 0; k < steps.size(); k++) {
            for (Value value : steps.get(k).writes()) {
                touch(spans, value, k, size);
            }
            for (Value value : steps.get(k).reads()) {
                touch(spans, value, k, size);
            }
        }
        kept.forEach(value -> touch(spans, value, steps.size(), size));
        return place(new ArrayList<>(spans.values()));
    }

    private static void touch(Map<Integer, Span> spans, Value value, int step, RunSize size) {
        value.rows(size); // refuses what nobody could multiply
        if (value.buffer() instanceof Planned planned) {
            Span span = spans.computeIfAbsent(planned.id(), unused -> new Span(planned, step));
            span.to = step;
            span.length = Math.max(span.length, value.length(size));
        }
    }

    private static MemoryLayout place(List<Span> spans) {
        spans.sort(Comparator.comparingLong((Span span) -> -span.length).thenComparingInt(span -> span.buffer.id()));
        List<Span> placed = new ArrayList<>();
        Map<Numbers, Long> ends = new EnumMap<>(Numbers.class);
        Map<Integer, Long> offsets = new HashMap<>();
        Map<Integer, Long> lengths = new HashMap<>();
        for (Span span : spans) {
            span.offset = lowest(span, placed);
            placed.add(span);
            ends.merge(span.buffer.numbers(), span.offset + span.length, Math::max);
            offsets.put(span.buffer.id(), span.offset);
            lengths.put(span.buffer.id(), span.length);
        }
        return new MemoryLayout(offsets, lengths, ends);
    }

    private static long lowest(Span span, List<Span> placed) {
        List<Span> inTheWay = placed.stream()
                .filter(span::meets)
                .sorted(Comparator.comparingLong(other -> other.offset))
                .toList();
        long offset = 0;
        for (Span other : inTheWay) {
            if (offset + span.length <= other.offset) {
                break;
            }
            offset = Math.max(offset, aligned(other.offset + other.length));
        }
        return offset;
    }

    /** Where a buffer starts, in elements. */
    long offset(Planned buffer) {
        return Objects.requireNonNull(offsets.get(buffer.id()), "a buffer of this plan");
    }

    /** How long a buffer is, in elements. */
    long length(Planned buffer) {
        return Objects.requireNonNull(lengths.get(buffer.id()), "a buffer of this plan");
    }

    private static long aligned(long offset) {
        return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Optional;
import java.util.function.ToIntFunction;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.CachedAttentionKernels;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.RotaryKernels.Angles;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;

/** Working memory that the layers of a decoder use one after the other, and the angles of positions. It grows with texts. */
final class LayerMemory implements AutoCloseable {

    private static final int FIRST_POSITIONS = 256;

    private final Machine machine;
    private final DecoderModel model;
    private final MachineArray projected;
    private final MachineArray attended;
    private final MachineArray inner;
    private MachineArray scratch;
    private Optional<MachineArray> cosines = Optional.empty();
    private Optional<MachineArray> sines = Optional.empty();
    private int turned;

    /** @param rows the most at a time */
    LayerMemory(Machine machine, DecoderModel model, int rows) {
        this.machine = machine;
        this.model = model;
        projected = memory("queries, keys and values", (long) rows * widest(model, LayerMemory::projections));
        attended = memory("what rows attend to", (long) rows * widest(model, LayerMemory::queries));
        inner = memory("gates", (long) rows * widest(model, LayerMemory::inner));
        scratch = memory("parts of attention", 0);
    }

    private MachineArray memory(String what, long numbers) {
        return machine.allocate(what, ElementType.FLOAT, numbers);
    }

    private static int widest(DecoderModel model, ToIntFunction<DecoderLayer> width) {
        return model.layers().stream().mapToInt(width).max().orElse(0);
    }

    private static int projections(DecoderLayer layer) {
        return layer.attention().projections().linears().stream()
                .mapToInt(linear -> linear.matrix().outputs())
                .sum();
    }

    private static int queries(DecoderLayer layer) {
        return layer.attention().output().matrix().inputs();
    }

    private static int inner(DecoderLayer layer) {
        return layer.feedForward().linears().stream()
                .limit(layer.feedForward().linears().size() - 1L)
                .mapToInt(linear -> linear.matrix().outputs())
                .sum();
    }

    /** Makes room for what rows see, and for their positions. */
    void prepare(MachineRows rows) {
        int longest = rows.seen().longest();
        model.rotations().apply(0).ifPresent(first -> {
            if (longest > turned) {
                turn(Math.max(longest, Math.max(FIRST_POSITIONS, 2 * turned)), first.cosines().length);
            }
        });
    }

    private void turn(int positions, int half) {
        closeAngles();
        turned = positions;
        cosines = Optional.of(MachineTables.upload(
                machine, "cosines of positions", (at, to) -> copy(rotation(at).cosines(), to), positions, half));
        sines = Optional.of(MachineTables.upload(
                machine, "sines of positions", (at, to) -> copy(rotation(at).sines(), to), positions, half));
    }

    private Rotation rotation(int position) {
        return model.rotations().apply(position).orElseThrow();
    }

    private static void copy(float[] from, float[] to) {
        System.arraycopy(from, 0, to, 0, to.length);
    }

    /** Of all positions that rows have; empty where positions turn nothing. */
    Optional<Angles> angles() {
        return cosines.map(some -> {
            int half = Math.toIntExact(some.length() / turned);
            return new Angles(MatrixView.of(some, turned, half), MatrixView.of(sines.orElseThrow(), turned, half));
        });
    }

    /** Gapless, behind so many numbers of the memory for projections. */
    MatrixView projected(long from, int rows, int columns) {
        return part(projected, from, rows, columns);
    }

    MatrixView attended(int rows, int columns) {
        return part(attended, 0, rows, columns);
    }

    /** Gapless, behind so many numbers of the memory for the feed-forward part. */
    MatrixView inner(long from, int rows, int columns) {
        return part(inner, from, rows, columns);
    }

    private static MatrixView part(MachineArray of, long from, int rows, int columns) {
        return MatrixView.of(of.slice(from, (long) rows * columns), rows, columns);
    }

    /** For attention. */
    MachineArray scratch(int rows, Rule rule, int longest) {
        long numbers = CachedAttentionKernels.scratch(rows, rule, longest);
        if (numbers > scratch.length()) {
            scratch.close();
            scratch = memory("parts of attention", Math.max(numbers, 2 * scratch.length()));
        }
        return scratch;
    }

    private void closeAngles() {
        cosines.ifPresent(MachineArray::close);
        sines.ifPresent(MachineArray::close);
        cosines = Optional.empty();
        sines = Optional.empty();
    }

    @Override
    public void close() {
        closeAngles();
        scratch.close();
        inner.close();
        attended.close();
        projected.close();
    }
}

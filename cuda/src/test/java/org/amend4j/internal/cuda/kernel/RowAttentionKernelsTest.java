/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.OptionalInt;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Recording;
import org.amend4j.internal.backend.RowAttentionKernels.Attended;
import org.amend4j.internal.backend.RowAttentionKernels.Projections;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.backend.RowAttentionLaws;
import org.amend4j.internal.backend.RowAttentionLaws.Case;
import org.amend4j.internal.backend.Values;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention of packed rows and its gradients against their definitions; planted faults are noticed. */
@OneIn(2)
class RowAttentionKernelsTest {

    private static final KernelSource SOURCE = CudaRowAttention.Products.SINGLE.text();

    private static CudaRowAttention on(Device device, KernelSource source) {
        return new CudaRowAttention(device, source, CudaRowAttention.Products.SINGLE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.RowAttentionLaws#cases")
    @OneIn(4)
    void attentionAndItsGradientsAreTheirDefinitions(Case of) {
        Caught.holds(
                SOURCE,
                RowAttentionKernelsTest::on,
                (machine, kernels, type) -> RowAttentionLaws.attention(machine, kernels, type, of));
    }

    /** Two parts of 128 columns, forward and backward. */
    @Test
    @Tag("exhaustive")
    void aHeadMayBeOfAnySize() {
        Case of = new Case(new Rule(2, 1, 130, false, OptionalInt.empty()), new int[] {67}, 0, 0, 35);
        Caught.holds(
                SOURCE,
                RowAttentionKernelsTest::on,
                (machine, kernels, type) -> RowAttentionLaws.attention(machine, kernels, type, of));
    }

    @Test
    void whatAQueryDoesNotSeeHasNoWeight() {
        Caught.holds(SOURCE, RowAttentionKernelsTest::on, RowAttentionLaws::unseen);
    }

    @Test
    void scoresMayBeGreat() {
        Caught.holds(SOURCE, RowAttentionKernelsTest::on, RowAttentionLaws::greatScores);
    }

    @Test
    void aNaNOfAQueryStaysInItsHead() {
        Caught.holds(SOURCE, RowAttentionKernelsTest::on, RowAttentionLaws::notANumber);
    }

    @Test
    void anExampleHasTheSameResultsBitForBitWhereverItLies() {
        Caught.holds(SOURCE, RowAttentionKernelsTest::on, RowAttentionLaws::anywhere);
    }

    /** How rows are divided among examples is read when work is done, not when it is asked for. */
    @Test
    void aRecordingIsReplayedWithOtherLengths() {
        Rule rule = new Rule(2, 1, 4, true, OptionalInt.empty());
        int rows = 80;
        int[] others = {0, 3, 70};
        Caught.holds(SOURCE, (device, source) -> {
            try (Values values = new Values(device, ElementType.FLOAT, 52)) {
                Projections of = new Projections(
                        values.in(values.normal(8 * rows), rows, 8, 0),
                        values.in(values.normal(4 * rows), rows, 4, 0),
                        values.in(values.normal(4 * rows), rows, 4, 0));
                Attended replayed = new Attended(values.fresh(rows, 8, 0), values.fresh(2L * rows));
                Attended direct = new Attended(values.fresh(rows, 8, 0), values.fresh(2L * rows));
                CudaRowAttention kernels = on(device, source);
                MachineArray starts = values.in(new int[] {0, rows, rows});
                kernels.forward(of, starts, rule, replayed);
                try (Recording recording = device.record(() -> kernels.forward(of, starts, rule, replayed))) {
                    device.upload(others, starts);
                    recording.replay();
                }
                kernels.forward(of, values.in(others), rule, direct);
                assertArrayEquals(values.get(direct.out()), values.get(replayed.out()));
                assertArrayEquals(values.get(direct.logSums()), values.get(replayed.logSums()));
            }
        });
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("a query does not see itself", "key <= query", "key < query"),
                new Fault("a query sees the next key", "key <= query", "key <= query + 1"),
                new Fault("a window of one key less", "query - key < window", "query - key < window - 1"),
                new Fault("a window of one key more", "query - key < window", "query - key <= window"),
                new Fault("keys begin behind the window's edge", "at.first - window + 1", "at.first - window + 2"),
                new Fault(
                        "queries end before the window's edge", "last + window : at.end", "last + window - 1 : at.end"),
                new Fault("keys of another example", "causal ? at.first + at.count : at.end", "at.first + ROWS"),
                new Fault(
                        "rows of no example unwritten", "starts[example + 1] : rows", "starts[example + 1] : at.start"),
                new Fault("a running sum that is not rescaled", "totals[i] *= kept;", ""),
                new Fault("a running result that is not rescaled", "sums[1][i][j] *= kept;", ""),
                new Fault("L without the greatest score", "most[i] + logf(totals[i])", "logf(totals[i])"),
                new Fault(
                        "keys of another group",
                        "row_products(scores, q, part_of(keys, key_stride, head / group * size",
                        "row_products(scores, q, part_of(keys, key_stride, head % (heads / group) * size"),
                new Fault(
                        "gradient of one head of a group",
                        "head < (shared_head + 1) * group",
                        "head < shared_head * group + 1"),
                new Fault("dQ without the row sum", "- of_row[i].delta", "- 0.0f * of_row[i].delta"),
                new Fault("dK without the row sum", "- of_column.delta", "- 0.0f * of_column.delta"),
                new Fault("last column unwritten", "if (column < size) {", "if (column < size - 1) {"),
                new Fault("no barrier before factors are loaded", "__syncthreads();  // factors", "// factors"),
                new Fault("no barrier behind the weights", "__syncthreads();  // weights", "// weights"),
                new Fault("no barrier before the weights", "__syncthreads();  // the weights", "// the weights"));
    }

    /** Two groups, a window longer than a tile, a head that has a second half and does not fill it. */
    @ParameterizedTest(name = "{0}, seed 51")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Case of = new Case(new Rule(4, 2, 67, true, OptionalInt.of(67)), new int[] {2, 135}, 3, 1, 51);
        Caught.mustFail(
                fault,
                RowAttentionKernelsTest::on,
                (machine, kernels, type) -> RowAttentionLaws.attention(machine, kernels, type, of));
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.cuda.LawDevices;
import org.amend4j.internal.backend.ActivationLaws;
import org.amend4j.internal.backend.ElementwiseLaws;
import org.amend4j.internal.backend.EmbeddingLaws;
import org.amend4j.internal.backend.LowRankKernels.Factors;
import org.amend4j.internal.backend.LowRankLaws;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.PieceKernels.Piece;
import org.amend4j.internal.backend.PieceKernels.Pieces;
import org.amend4j.internal.backend.PieceLaws;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.network.Activation;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels whose rows are bfloat16 numbers keep the laws of those of floats, but for the rounding of what they write; planted faults are noticed. */
@OneIn(3)
class RowsOfBfloat16Test {

    private static final ElementType HALVES = ElementType.BFLOAT16;
    private static final KernelSource ACTIVATION = KernelSource.resource("activation", HALVES);
    private static final KernelSource ELEMENTWISE = KernelSource.resource("elementwise", HALVES);
    private static final KernelSource EMBEDDING = KernelSource.resource("embedding", HALVES);
    private static final KernelSource LOW_RANK = KernelSource.resource("low_rank", HALVES);
    private static final KernelSource PIECES = KernelSource.resource("pieces", HALVES);

    /** Aligned and not, in fours and not, several chunks of rows. */
    @ParameterizedTest(name = "{0} x {1}, gap {2}, seed {3}")
    @CsvSource({"1, 1, 0, 3", "70, 37, 3, 5", "75, 36, 4, 36", "5, 36, 1, 32", "150, 64, 0, 34", "33, 260, 4, 35"})
    void activationsAndTheirGradientsAreTheirDefinitions(int rows, int columns, int gap, long seed) {
        Caught.holds(ACTIVATION, CudaActivation::new, (machine, kernels, type) -> {
            for (Activation.Kind kind : new Activation.Kind[] {Activation.Kind.RELU, Activation.Kind.GELU}) {
                ActivationLaws.plain(machine, kernels, HALVES, rows, columns, gap, seed, kind);
                ActivationLaws.epilogue(machine, kernels, HALVES, rows, columns, gap, seed, kind);
                ActivationLaws.gradient(machine, kernels, HALVES, rows, columns, gap, seed, kind);
                ActivationLaws.adapterGradient(machine, kernels, HALVES, rows, columns, gap, seed, kind);
            }
        });
    }

    @ParameterizedTest(name = "{0}, seed 24")
    @EnumSource(Activation.Kind.class)
    void aNaNStaysOneForwardAndBackward(Activation.Kind kind) {
        Caught.holds(
                ACTIVATION,
                CudaActivation::new,
                (machine, kernels, type) -> ActivationLaws.notANumber(machine, kernels, HALVES, kind));
    }

    @Test
    void elementwiseVerticesAreTheirDefinitions() {
        Caught.holds(ELEMENTWISE, CudaElementwise::new, (machine, kernels, type) -> {
            ElementwiseLaws.arithmetic(machine, kernels, HALVES, 3001, 11);
            ElementwiseLaws.maximum(machine, kernels, HALVES, 3001, 14);
            ElementwiseLaws.maximumOfNaN(machine, kernels, HALVES);
            ElementwiseLaws.merge(machine, kernels, HALVES, 5, 12);
            ElementwiseLaws.transpose(machine, kernels, HALVES, 3, 33, 65, 13);
        });
    }

    @Test
    void anUnknownTokenGivesNaNAndNoAccess() {
        Caught.holds(
                EMBEDDING,
                CudaEmbedding::new,
                (machine, kernels, type) -> EmbeddingLaws.unknownToken(machine, kernels, HALVES));
    }

    @ParameterizedTest(name = "{0} x {1} and {2}, gaps {3} and {4}, seed {5}")
    @MethodSource("org.amend4j.internal.backend.EmbeddingLaws#pairs")
    void rowsOfATableAreThoseOfTheTableAloneAndBesideThoseOfATableOfFloats(
            int rows, int columns, int secondColumns, int gap, int gapOut, long seed) {
        Caught.holds(EMBEDDING, CudaEmbedding::new, (machine, kernels, type) -> {
            EmbeddingLaws.gather(machine, kernels, HALVES, rows, columns, gap, seed);
            EmbeddingLaws.gatherPair(machine, kernels, HALVES, rows, columns, secondColumns, gap, gapOut, seed);
        });
    }

    /** By eight numbers at once and not, several tiles, chunks and groups of ranks. */
    @ParameterizedTest(name = "[{0}, {1}], rank {2}, gap {3}, seed {4}")
    @CsvSource({
        "1, 1, 1, 0, 1",
        "70, 300, 4, 4, 2",
        "70, 264, 18, 8, 4",
        "17, 255, 16, 1, 3",
        "33, 40, 64, 0, 5",
        "0, 8, 3, 0, 6"
    })
    void skinnyProductsOfAnAdapterAreTheirDefinitions(int rows, int columns, int rank, int gap, long seed) {
        Caught.holds(
                LOW_RANK,
                CudaLowRank::new,
                (machine, kernels, type) ->
                        LowRankLaws.products(machine, kernels, HALVES, rows, columns, rank, gap, seed));
    }

    @Test
    void piecesAreRoundedOnTheirWay() {
        Caught.holds(
                PIECES, CudaPieces::new, (machine, kernels, type) -> PieceLaws.copies(machine, kernels, HALVES, 31));
    }

    static Stream<Planted> faultsOfAdapters() {
        return Planted.in(
                LOW_RANK,
                new Fault(
                        "the second of a pair left out",
                        "count > 1 ? (unsigned)from[1]",
                        "count > 2 ? (unsigned)from[1]"),
                new Fault("a pair behind the row is read", "(count > 0 ? from[0] : 0u)", "from[0]"),
                new Fault("a pair is another", "of_pairs(moved.z, moved.w)", "of_pairs(moved.z, moved.z)"),
                new Fault(
                        "halves of a pair swapped",
                        "of_upper_half(first & 0xFFFFu), of_upper_half(first >> 16)",
                        "of_upper_half(first >> 16), of_upper_half(first & 0xFFFFu)"),
                new Fault("eights at odd strides", "d_stride % MOVED == 0", "d_stride % 4 == 0"),
                new Fault("eights at odd addresses", "reinterpret_cast<unsigned long long>(d) % 16 == 0", "true"));
    }

    @ParameterizedTest(name = "{0}, seeds 7 to 9")
    @MethodSource("faultsOfAdapters")
    @Tag("exhaustive")
    void aPlantedFaultOfAnAdaptersGradientsIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaLowRank::new, (machine, kernels, type) -> {
            LowRankLaws.products(machine, kernels, HALVES, 20, 264, 3, 8, 8);
            LowRankLaws.products(machine, kernels, HALVES, 20, 16, 3, 4, 8);
            LowRankLaws.products(machine, kernels, HALVES, 20, 11, 3, 0, 7);
            LowRankLaws.products(machine, kernels, HALVES, 20, 16, 3, 0, 9);
        });
    }

    static Stream<Planted> faults() {
        return Planted.in(
                ACTIVATION,
                new Fault("rounded towards zero", "(bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16", "bits >> 16"),
                new Fault("a NaN becomes another", "value != value ? 0x7FFFu :", "value != value ? 0u :"),
                new Fault(
                        "pairs swapped",
                        "make_uint2(halves(value.x, value.y), halves(value.z, value.w))",
                        "make_uint2(halves(value.y, value.x), halves(value.z, value.w))"),
                new Fault(
                        "four numbers of two", "of_upper_half(pairs.y & 0xFFFFu)", "of_upper_half(pairs.x & 0xFFFFu)"),
                new Fault("fours at odd addresses", "% 8 == 0 && stride % 4 == 0", "% 2 == 0 && stride % 4 == 0"),
                new Fault("rows of four at odd strides", "% 8 == 0 && stride % 4 == 0", "% 8 == 0 && stride % 1 == 0"));
    }

    @ParameterizedTest(name = "{0}, seeds 31 and 32")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaActivation::new, (machine, kernels, type) -> {
            ActivationLaws.plain(machine, kernels, HALVES, 75, 36, 4, 32, Activation.Kind.RELU);
            ActivationLaws.plain(machine, kernels, HALVES, 5, 36, 1, 32, Activation.Kind.RELU);
            ActivationLaws.gradient(machine, kernels, HALVES, 9, 36, 4, 31, Activation.Kind.TANH);
            ActivationLaws.notANumber(machine, kernels, HALVES, Activation.Kind.RELU);
        });
    }

    /** The groups of a device find the code for the rows that they are given, and mix no types. */
    @Test
    void aDeviceTakesBothAndRefusesToMixThem() {
        try (Device device = LawDevices.plain();
                MachineArray halves = device.allocate("halves", HALVES, 12);
                MachineArray floats = device.allocate("floats", new float[12]);
                MachineArray tokens = device.allocate("tokens", new int[1])) {
            device.uploadRounded(new float[] {-1, 2, -3, 4, -5, 6, -7, 8, -9, 10, -11, 12}, halves);
            device.kernels().elementwise().scale(halves, -2, halves);
            device.kernels().elementwise().scale(floats, -2, floats);
            refused(
                    "is const unsigned short *",
                    () -> device.kernels().elementwise().product(halves, floats, halves));
            refused(
                    "is const float *",
                    () -> device.kernels().loss().softmax(MatrixView.of(halves, 3, 4), MatrixView.of(floats, 3, 4)));
            refused(
                    "low must be of BFLOAT16 as its rows, got FLOAT[12]",
                    () -> new Factors(
                            MatrixView.of(halves, 3, 4), MatrixView.of(halves, 2, 4), MatrixView.of(floats, 3, 2)));
            refused(
                    "the projection must be of BFLOAT16 as its rows, got FLOAT[12]",
                    () -> device.kernels()
                            .lowRank()
                            .gradients(
                                    new Factors(
                                            MatrixView.of(halves, 3, 4),
                                            MatrixView.of(halves, 2, 4),
                                            MatrixView.of(halves, 3, 2)),
                                    1,
                                    MatrixView.of(floats, 3, 2),
                                    floats.slice(0, 8),
                                    floats,
                                    Optional.empty()));
            refused(
                    "is const float *",
                    () -> device.kernels()
                            .embedding()
                            .gatherPair(
                                    MatrixView.of(floats, 3, 4),
                                    MatrixView.of(halves, 3, 4),
                                    tokens,
                                    MatrixView.of(floats, 1, 4),
                                    MatrixView.of(halves, 1, 4)));
            refused("take no rows of BFLOAT16", () -> KernelSource.resource("gate", HALVES));
        }
    }

    /** Which computes in floats and doubles. */
    @Test
    void theHostRefusesThem() {
        try (Machine host = HostMachine.open(1);
                MachineArray halves = host.allocate("halves", HALVES, 12);
                MachineArray floats = host.allocate("floats", new float[64]);
                Pieces pieces = Pieces.on(host, "pieces", List.of(new Piece(0, 2, 2, 0, 2, false)))) {
            refused("BFLOAT16", () -> host.kernels().pieces().copy(floats, pieces, halves));
            refused(
                    "BFLOAT16",
                    () -> host.kernels()
                            .lowRank()
                            .gradients(
                                    new Factors(
                                            MatrixView.of(halves, 3, 4),
                                            MatrixView.of(halves, 2, 4),
                                            MatrixView.of(halves, 3, 2)),
                                    1,
                                    MatrixView.of(halves, 3, 2),
                                    floats.slice(0, 8),
                                    floats,
                                    Optional.empty()));
            MatrixView rows = MatrixView.of(halves, 3, 4);
            refused("BFLOAT16", () -> host.kernels().elementwise().scale(halves, 2, halves));
            refused(
                    "BFLOAT16",
                    () -> host.kernels()
                            .activation()
                            .biasActivation(
                                    rows,
                                    Optional.empty(),
                                    Optional.empty(),
                                    rows,
                                    Activation.of(Activation.Kind.RELU)));
        }
    }

    private static void refused(String part, Runnable call) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
        assertTrue(String.valueOf(refusal.getMessage()).contains(part), refusal.getMessage());
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.StorageLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frozen numbers in few bits are those of the host, to the byte; planted faults are noticed. */
@OneIn(3)
class StorageKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("storage");

    @ParameterizedTest(name = "{0}, {1} numbers, seed 11")
    @MethodSource("org.amend4j.internal.backend.StorageLaws#storagesAndCounts")
    void codesAreTheHosts(WeightStorage storage, int count) {
        Caught.holds(
                SOURCE,
                CudaStorage::new,
                (machine, kernels, type) -> StorageLaws.encoding(machine, kernels, type, storage, count, 11));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.StorageLaws#storages")
    void whatIsNotFiniteOrTooLargeIsRefused(WeightStorage storage) {
        Caught.holds(
                SOURCE,
                CudaStorage::new,
                (machine, kernels, type) -> StorageLaws.refusal(machine, kernels, type, storage));
    }

    @ParameterizedTest(name = "{0}, rows of {1}: {3} from {2}, columns: {5} from {4}")
    @MethodSource("org.amend4j.internal.backend.StorageLaws#storagesAndParts")
    void aPartIsWhatTheHostKeeps(
            WeightStorage storage, int width, int firstRow, int rows, int firstColumn, int columns) {
        Caught.holds(
                SOURCE,
                CudaStorage::new,
                (machine, kernels, type) ->
                        StorageLaws.decoding(machine, kernels, storage, width, firstRow, rows, firstColumn, columns));
    }

    @ParameterizedTest(name = "{0} numbers, seed 12")
    @ValueSource(ints = {1, 3, 4, 1030, 4099})
    void numbersAreRoundedToNearestEven(int count) {
        Caught.holds(
                SOURCE,
                CudaStorage::new,
                (machine, kernels, type) -> StorageLaws.rounding(machine, kernels, count, 12));
    }

    @ParameterizedTest(name = "[{0}, {1}], gap {2}, seed 12")
    @CsvSource({"1, 1, 0", "5, 37, 3", "9, 40, 4", "3, 1032, 0"})
    void rowsAreRoundedToNearestEven(int rows, int columns, int gap) {
        Caught.holds(
                SOURCE,
                CudaStorage::new,
                (machine, kernels, type) -> StorageLaws.roundingRows(machine, kernels, rows, columns, gap, 12));
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault(
                        "scale one off",
                        "static_cast<double>(largest) / 127.0)",
                        "static_cast<double>(largest) / 128.0)"),
                new Fault("ties away from zero", "rint(value * steps)", "round(value * steps)"),
                new Fault("cut off", "static_cast<int>(rint(value * steps))", "static_cast<int>(value * steps)"),
                new Fault("tiny blocks kept", "largest < SMALLEST ? 0.0f : largest", "largest"),
                new Fault("a sign lost", "static_cast<int>(code << 24) >> 24", "code"),
                new Fault("halves swapped", "both.y) >> (8 * k)", "both.x) >> (8 * k)"),
                new Fault("levels swapped", "case 3: return -0.3949175f;", "case 3: return -0.3949176f;"),
                new Fault("a tie upwards", "part > middle ?", "part >= middle - 1e-3f ?"),
                new Fault(
                        "number in another place of its word",
                        "threadIdx.x % lanes * 2 * BITS",
                        "threadIdx.x % lanes * BITS"),
                new Fault("half of a word", "distance < lanes; distance *= 2", "distance < lanes / 2; distance *= 2"),
                new Fault("last number left out", "at + 1 < count ? values", "at + 2 < count ? values"),
                new Fault("scales of another block", "scales[block] = scale;", "scales[block / 2] = scale;"),
                new Fault(
                        "the second is not looked at",
                        "!is_finite(first) || !is_finite(second) ||",
                        "!is_finite(first) ||"),
                new Fault("rounding is not looked at", "is_finite(of_upper_half(half))", "is_finite(value)"),
                new Fault("no padding", "(count + BLOCK - 1) / BLOCK * BLOCK;\n    for", "count;\n    for"),
                new Fault(
                        "no barrier before the levels are read",
                        "        __syncthreads();\n    }\n    const int each",
                        "    }\n    const int each"),
                new Fault("the part begins elsewhere", "width + first_column + (", "width + ("),
                new Fault(
                        "the matrix's rows are the part's",
                        "(first_row + row) * (long long)width",
                        "row * (long long)width"),
                new Fault("eights that run over a row", "columns % 8 == 0 &&", "width % 8 == 0 &&"),
                new Fault("eights at odd addresses", "% 16 == 0;\n}\n\n// Which", "% 2 == 0;\n}\n\n// Which"),
                new Fault("scale of the next block", "scales[at / BLOCK]", "scales[(at + 8) / BLOCK]"),
                new Fault(
                        "pairs swapped",
                        "8ll * i, make_float4(of_upper_half(pairs.x & 0xFFFFu), of_upper_half(pairs.x >> 16)",
                        "8ll * i, make_float4(of_upper_half(pairs.x >> 16), of_upper_half(pairs.x & 0xFFFFu)"),
                new Fault("rows of the other stride", "row * to_stride", "row * from_stride"),
                new Fault("a row's last columns left out", "column < columns;\n", "column < columns - 1;\n"),
                new Fault("rounded towards zero", "(bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16", "bits >> 16"),
                new Fault(
                        "ties away from even", "(bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16", "(bits + 0x8000u) >> 16"),
                new Fault("a NaN becomes another", "value != value ? 0x7FFFu :", "value != value ? 0u :"),
                new Fault(
                        "the last that are no four",
                        "i < count; i += step) {\n        store1(to + i, from",
                        "i < count - 1; i += step) {\n        store1(to + i, from"));
    }

    @ParameterizedTest(name = "{0}, seed 31")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaStorage::new, (machine, kernels, type) -> {
            StorageLaws.storages().forEach(storage -> {
                StorageLaws.encoding(machine, kernels, type, storage, 515, 31);
                StorageLaws.refusal(machine, kernels, type, storage);
                StorageLaws.decoding(machine, kernels, storage, 136, 1, 7, 8, 16);
                StorageLaws.decoding(machine, kernels, storage, 136, 1, 7, 8, 12);
                StorageLaws.decoding(machine, kernels, storage, 37, 1, 4, 5, 20);
            });
            StorageLaws.rounding(machine, kernels, 1030, 31);
            StorageLaws.roundingRows(machine, kernels, 9, 40, 4, 32);
        });
    }
}

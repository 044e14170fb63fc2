/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import java.util.stream.Stream;
import org.amend4j.internal.backend.CachedAttentionLaws;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention to what is kept in pages against attention of whole texts; planted faults are noticed. */
@OneIn(2)
class CachedAttentionKernelsTest {

    private static final KernelSource SOURCE = KernelSource.resource("cached_attention");

    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.internal.backend.CachedAttentionLaws#cases")
    void newRowsAreWhatTheyAreInTheWholeText(CachedAttentionLaws.Case of) {
        Caught.holds(
                SOURCE,
                CudaCachedAttention::new,
                (machine, kernels, type) -> CachedAttentionLaws.attention(machine, kernels, type, of));
    }

    @Test
    void aRowHasTheSameBytesInAnyCompany() {
        Caught.holds(SOURCE, CudaCachedAttention::new, CachedAttentionLaws::inAnyCompany);
    }

    @Test
    void scoresMayBeGreat() {
        Caught.holds(SOURCE, CudaCachedAttention::new, CachedAttentionLaws::greatScores);
    }

    @Test
    void whatIsNotKeptIsNaNAndNotRead() {
        Caught.holds(SOURCE, CudaCachedAttention::new, CachedAttentionLaws::unknownPlaces);
        Caught.holds(SOURCE, CudaCachedAttention::new, CachedAttentionLaws::refusals);
    }

    static Stream<Planted> faults() {
        return Planted.in(
                SOURCE,
                new Fault("a row does not see itself", "? position + 1 :", "? position :"),
                new Fault("a row sees what comes", "? position + 1 :", "? position + 2 :"),
                new Fault("a window of one more", "? position - window + 1 : 0", "? position - window : 0"),
                new Fault("a window of one less", "? position - window + 1 : 0", "? position - window + 2 : 0"),
                new Fault(
                        "pages in order",
                        "const int page = table[position / PAGE];",
                        "const int page = position / PAGE;"),
                new Fault("the first page only", "page * PAGE + position % PAGE", "page * PAGE + position % 32"),
                new Fault("another text's pages", "texts[row] * table_stride", "0 * table_stride"),
                new Fault("keys of another head", "const int column = key_head * size;", "const int column = 0;"),
                new Fault("queries of another set", "key_head * group + set * TOGETHER", "key_head * group"),
                new Fault("no barrier behind the scores", "__syncthreads();  // scores", "// scores"),
                new Fault("no barrier behind the weights", "__syncthreads();  // weights", "// weights"),
                new Fault("no scale", "scale * score", "score"),
                new Fault("values unweighted", "weights[u * PART + k] * value", "value"),
                new Fault("parts added as they are", "expf(of_part[size] - most)", "1.0f"),
                new Fault(
                        "the last part is not joined",
                        "known && part <= last; part++) {\n            const",
                        "known && part < last; part++) {\n            const"),
                new Fault(
                        "parts before the window joined",
                        "for (int part = first_seen(position, window) / PART; known && part <= last; part++) {\n            const",
                        "for (int part = 0; known && part <= last; part++) {\n            const"),
                new Fault("values at the place of keys", "kept_values[(long long)place", "kept_keys[(long long)place"),
                new Fault(
                        "rows kept in their order",
                        "const int place = row_places[row];",
                        "const int place = row_places[0] + row;"),
                new Fault("a place behind all", "place < places)", "place <= places)"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    @Tag("exhaustive")
    void aPlantedFaultIsNoticed(Planted fault) {
        Caught.mustFail(fault, CudaCachedAttention::new, (machine, kernels, type) -> {
            CachedAttentionLaws.attention(machine, kernels, type, CachedAttentionLaws.some());
            CachedAttentionLaws.unknownPlaces(machine, kernels, type);
        });
    }
}

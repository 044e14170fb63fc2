/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.cuda.standin.StandIn;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark of a card, with libraries that stand in for CUDA's. */
@Tag("exhaustive")
@EnabledIfSystemProperty(named = "amend4j.device", matches = "stand-in")
class CudaBenchTest {

    @TempDir
    private Path folder;

    @BeforeAll
    static void putTheCardIn() {
        StandIn.load();
    }

    @Test
    void theBenchmarkRunsToItsEnd() throws IOException {
        Path json = folder.resolve("bench.json");
        Ran ran = amend4j("bench", "--device", "cuda", "--quick", "--json", json);
        assertEquals(0, ran.code(), ran.err());
        JsonNode result = new ObjectMapper().readTree(json.toFile());
        assertTrue(result.path("device").asText().startsWith(CudaCommandsTest.CARD), result.toString());
        assertTrue(ran.out().contains("LoRA"), ran.out());
    }
}

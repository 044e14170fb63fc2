/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.amend4j.algorithm.Metric;
import org.amend4j.algorithm.UpdateRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of a run that goes on. */
class MetricsTest {

    @TempDir
    private Path folder;

    @Test
    void aRunOfAnEarlierVersionGoesOnWithItsRowsAndWithoutItsHalfLine() throws IOException {
        Path file = folder.resolve("metrics.csv");
        try (Metrics metrics = Metrics.after(file, 0)) {
            for (long update = 1; update <= 3; update++) {
                metrics.add(
                        new UpdateRecord(update, 10 * update, List.of(), Map.of(Metric.ENTROPY, 0.5)),
                        OptionalDouble.of((double) update),
                        100);
            }
        }
        List<String> now = Files.readAllLines(file);
        List<String> before = now.stream()
                .map(line -> line.replace(",return_range", "").replaceFirst(",,([^,]*)$", ",$1"))
                .toList();
        assertEquals(now.get(0).split(",", -1).length - 1, before.get(0).split(",", -1).length);
        Files.writeString(file, String.join("\n", before) + "\n3,30,0,3.0,,,");
        Metrics.after(file, 2).close();
        assertEquals(now.subList(0, 3), Files.readAllLines(file));
        assertTrue(Metrics.rows(file).stream().allMatch(row -> Double.isNaN(row.range())));
    }
}

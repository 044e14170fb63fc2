/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class GraphBytesTest {

    private static Map<String, List<Byte>> entries(byte[] zip) throws IOException {
        Map<String, List<Byte>> entries = new LinkedHashMap<>();
        try (ZipInputStream stream = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = stream.getNextEntry(); entry != null; entry = stream.getNextEntry()) {
                List<Byte> bytes = new java.util.ArrayList<>();
                for (byte b : stream.readAllBytes()) {
                    bytes.add(b);
                }
                entries.put(entry.getName(), bytes);
            }
        }
        return entries;
    }

    @Test
    void equal_graphs_have_equal_bytes_whenever_and_wherever_they_are_written(@TempDir Path folder) throws Exception {
        TimeZone here = TimeZone.getDefault();
        byte[] first = GraphBytes.of(TestNetworks.dense(DataType.DOUBLE, 1));
        Thread.sleep(2_001); // a zip's time has steps of two seconds
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
            GraphBytes.write(TestNetworks.dense(DataType.DOUBLE, 1), folder.resolve("model.zip"));
        } finally {
            TimeZone.setDefault(here);
        }
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("model.zip")));
    }

    @Test
    void the_entries_are_those_of_deeplearning4js_own_file() throws IOException {
        for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
            ComputationGraph graph = TestNetworks.residual(type, 3);
            ByteArrayOutputStream own = new ByteArrayOutputStream();
            ModelSerializer.writeModel(graph, own, false);
            assertEquals(entries(own.toByteArray()), entries(GraphBytes.of(graph)));
            assertEquals(graph.params(), GraphBytes.graph(GraphBytes.of(graph)).params());
        }
    }
}

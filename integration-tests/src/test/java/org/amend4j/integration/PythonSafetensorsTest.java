/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.FactorLayout;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import org.amend4j.model.TorchLayer;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Our files read by Hugging Face's own library (the package safetensors), and its files read by us. */
class PythonSafetensorsTest {
    private static final String PYTHON = "python3";
    private static final String SCRIPT = "safetensors_peer.py";

    @TempDir
    Path directory;

    @BeforeEach
    void requirePython() throws IOException, InterruptedException {
        boolean found = hasPackages();
        String sentence = "pip install numpy safetensors, for the python3 on the path";
        if (System.getenv("CI") != null) {
            assertTrue(found, sentence);
        }
        assumeTrue(found, sentence);
        try (InputStream script =
                Objects.requireNonNull(PythonSafetensorsTest.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            Files.copy(script, directory.resolve(SCRIPT));
        }
    }

    @Test
    void ourFilesAreReadThereWithEqualValues() throws Exception {
        Path file = directory.resolve("ours.safetensors");
        float[] floats = {1.5f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 0.1f, -3};
        double[] doubles = {Math.PI, -0.0, Double.MIN_VALUE};
        long[] longs = {Long.MIN_VALUE, 7};
        SafetensorsWriter.write(
                file,
                Map.of("format", "pt", "text", "a \"b\" \n ü 😀"),
                List.of(
                        TensorData.ofFloats("ü.weight 😀", List.of(2L, 3L), floats),
                        TensorData.ofDoubles("d", List.of(3L), doubles),
                        TensorData.ofLongs("l", List.of(2L), longs),
                        TensorData.ofFloats("scalar", List.of(), new float[] {2}),
                        TensorData.ofFloats("empty", List.of(0L, 4L), new float[0])));
        Map<String, List<String>> dump = dump(file);
        assertEquals(List.of(hex("a \"b\" \n ü 😀".getBytes(StandardCharsets.UTF_8))), dump.get("metadata text"));
        assertEquals(List.of("float32", "2,3", hex(bytes(floats))), dump.get("tensor ü.weight 😀"));
        assertEquals(List.of("float32", "", hex(bytes(new float[] {2}))), dump.get("tensor scalar"));
        assertEquals(List.of("float32", "0,4", ""), dump.get("tensor empty"));
        ByteBuffer wide = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        wide.asDoubleBuffer().put(doubles);
        assertEquals(List.of("float64", "3", hex(wide.array())), dump.get("tensor d"));
        ByteBuffer whole = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        whole.asLongBuffer().put(longs);
        assertEquals(List.of("int64", "2", hex(whole.array())), dump.get("tensor l"));
        assertEquals(7, dump.size());
    }

    @Test
    void ourAdapterIsReadThereAsPytorchsTranspose() throws Exception {
        AdapterContent content = adapter();
        AdapterFile.write(directory, content);
        Map<String, List<String>> dump = dump(directory.resolve(AdapterFile.TENSORS));
        INDArray a = content.factors().get(0).a();
        float[] transposed = a.transpose().dup('c').data().asFloat();
        assertEquals(
                List.of(hex(bytes(transposed))),
                Objects.requireNonNull(dump.get("tensor base_model.model.conv.lora_A.weight"))
                        .subList(2, 3));
        assertEquals(
                "2,2,3,2",
                Objects.requireNonNull(dump.get("tensor base_model.model.conv.lora_A.weight"))
                        .get(1));
        assertEquals(
                List.of(
                        "float32",
                        "5,4",
                        hex(bytes(parameter(content, "W")
                                .transpose()
                                .dup('c')
                                .data()
                                .asFloat()))),
                dump.get("tensor base_model.model.out.weight"));
    }

    @Test
    void anAdapterSavedAgainThereIsStillOurs() throws Exception {
        AdapterContent content = adapter();
        AdapterFile.write(directory, content);
        Path file = directory.resolve(AdapterFile.TENSORS);
        Path again = directory.resolve("again.safetensors");
        python("resave", file.toString(), again.toString());
        Files.copy(again, file, StandardCopyOption.REPLACE_EXISTING);
        AdapterContent loaded = AdapterFile.read(directory);
        assertEquals(content.config(), loaded.config());
        assertSame(content.factors().get(0).a(), loaded.factors().get(0).a());
        assertSame(content.factors().get(0).b(), loaded.factors().get(0).b());
        assertSame(parameter(content, "W"), parameter(loaded, "W"));
    }

    @Test
    void filesWrittenThereAreReadHere() throws Exception {
        Path file = directory.resolve(AdapterFile.TENSORS);
        python("make", file.toString());
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            assertEquals(Map.of("format", "pt"), open.metadata());
            assertArrayEquals(
                    new float[] {0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f},
                    open.readFloats("base_model.model.d.lora_B.weight"));
        }
        Files.writeString(
                directory.resolve(AdapterFile.CONFIG),
                "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_alpha\": 4, \"target_modules\": [\"d\"],"
                        + " \"modules_to_save\": [\"out\"]}");
        AdapterContent content = AdapterFile.read(directory, Map.of("d", "dense", "out", "output"));
        LayerFactors layer = content.factors().get(0);
        assertEquals((1 * 3 + 2) / 8.0, layer.a().getDouble(2, 1));
        assertEquals((3 * 2 + 1) / 8.0, layer.b().getDouble(1, 3));
        assertEquals((4 * 4 + 3) / 8.0, parameter(content, "W").getDouble(3, 4));
        assertEquals(DataType.DOUBLE, parameter(content, "b").dataType());
    }

    private static AdapterContent adapter() {
        LoraConfig config = LoraConfig.of(2, 4).withTargets("conv").withTrainedInFull("out");
        AdapterSpec spec = AdapterSpec.plain("conv", 2, 4, 2, 0, config.init());
        LayerFactors factors = LayerFactors.of(new FactorLayout.Conv2D(3, 2), spec, counted(12, 2), counted(2, 7));
        FullLayer head = new FullLayer("out", TorchLayer.DENSE, Map.of("W", counted(4, 5), "b", counted(1, 5)));
        return new AdapterContent(config, "", Map.of(), List.of(factors), List.of(head));
    }

    private static INDArray counted(long rows, long columns) {
        return Nd4j.arange((double) (rows * columns))
                .castTo(DataType.FLOAT)
                .reshape('c', new long[] {rows, columns})
                .dup('f');
    }

    private static INDArray parameter(AdapterContent content, String name) {
        return Objects.requireNonNull(content.fullLayers().get(0).parameters().get(name), name);
    }

    private static void assertSame(INDArray expected, INDArray found) {
        assertArrayEquals(expected.shape(), found.shape());
        assertArrayEquals(
                bytes(expected.dup('c').data().asFloat()),
                bytes(found.dup('c').data().asFloat()));
    }

    private Map<String, List<String>> dump(Path file) throws Exception {
        Map<String, List<String>> lines = new TreeMap<>();
        for (String line : python("dump", file.toString()).lines().toList()) {
            List<String> fields = List.of(line.split("\t", -1));
            lines.put(fields.get(0) + " " + fields.get(1), fields.subList(2, fields.size()));
        }
        return lines;
    }

    private String python(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of(PYTHON, directory.resolve(SCRIPT).toString()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        Process process = builder.start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "python takes longer than a minute");
        String text = Files.readString(output);
        assertEquals(0, process.exitValue(), text);
        return text;
    }

    private static boolean hasPackages() throws InterruptedException {
        try {
            return exitCode("-c", "import numpy, safetensors.numpy") == 0;
        } catch (IOException noPython) {
            return false;
        }
    }

    private static int exitCode(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PYTHON));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

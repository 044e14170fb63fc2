/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A frozen MobileNetV2 backbone gives what TensorFlow.js gives, and what DL4J gives. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MobileNetV2PrefixTest {

    /** See the reference values' README: about five times what DL4J itself deviates by. */
    private static final double FEATURES = 5e-5;

    /** Means and deviations are of whole tensors, of size up to 13; DL4J itself deviates by 7e-7. */
    private static final double MEANS = 1e-5;

    private final ComputationGraph network;

    MobileNetV2PrefixTest() throws IOException {
        network = MobileNetV2.open();
    }

    @ParameterizedTest(name = "{0} pixels")
    @ValueSource(ints = {32, 96})
    void featuresAndMeansEqualTheReference(int side) throws Exception {
        JsonNode reference = reference(side);
        INDArray input = MobileNetV2.input(2, side);
        assertEquals(reference.get("inputSha256").asText(), sha256(input));
        List<String> cuts = new ArrayList<>();
        reference.get("means").fieldNames().forEachRemaining(cuts::add);
        INDArray[] results = HostPrefix.of(network, cuts).run(input);
        for (int i = 0; i < cuts.size(); i++) {
            JsonNode expected = reference.get("means").get(cuts.get(i));
            assertEquals(expected.get("mean").asDouble(), mean(results[i], 0), MEANS, cuts.get(i));
            double mean = expected.get("mean").asDouble();
            assertEquals(expected.get("std").asDouble(), Math.sqrt(meanSquare(results[i], mean)), MEANS, cuts.get(i));
        }
        INDArray features = results[cuts.indexOf("out_relu")].mean(1, 2);
        JsonNode rows = reference.get("features").get("data");
        for (int n = 0; n < 2; n++) {
            for (int j = 0; j < 1280; j++) {
                assertEquals(rows.get(n).get(j).asDouble(), features.getDouble(n, j), FEATURES, "feature " + j);
            }
        }
    }

    @Test
    void everyBlockEqualsDl4jsOwnForwardAndParametersStay() {
        INDArray input = MobileNetV2.input(3, 64);
        float[] before = network.params().dup().data().asFloat();
        List<String> cuts = List.of("Conv1_relu", "block_1_project_BN", "block_5_add", "block_12_add", "out_relu");
        HostPrefix prefix = HostPrefix.of(network, cuts);
        assertEquals(Optional.empty(), prefix.obstacle(input), "a plan computes it");
        INDArray[] results = prefix.run(input);
        Map<String, INDArray> expected =
                network.feedForward(new INDArray[] {input}, MobileNetV2.layerIndex(network, "out_relu"), false);
        for (int i = 0; i < cuts.size(); i++) {
            INDArray own = Objects.requireNonNull(expected.get(cuts.get(i)));
            // 17 blocks of sums of up to 960 terms: some 50 layers · √960 · 2⁻²⁴, relative to the largest value
            double tolerance = 50 * Math.sqrt(960) * 0x1p-24 * own.amaxNumber().doubleValue();
            assertTrue(own.sub(results[i]).amaxNumber().doubleValue() <= tolerance, cuts.get(i));
        }
        assertArrayEquals(before, network.params().dup().data().asFloat());
    }

    private static double mean(INDArray array, double from) {
        double sum = 0;
        float[] values = array.data().asFloat();
        for (float value : values) {
            sum += value - from;
        }
        return sum / values.length;
    }

    private static double meanSquare(INDArray array, double from) {
        double sum = 0;
        float[] values = array.data().asFloat();
        for (float value : values) {
            sum += (value - from) * (value - from);
        }
        return sum / values.length;
    }

    private static String sha256(INDArray input) throws Exception {
        assertEquals(DataType.FLOAT, input.dataType());
        float[] values = input.data().asFloat();
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(bytes);
        return HexFormat.of().formatHex(sha.digest());
    }

    private static JsonNode reference(int side) throws IOException {
        String name = "/org/amend4j/integration/mobilenet_v2/reference-" + side + ".json";
        try (InputStream in = MobileNetV2PrefixTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException(name);
            }
            return new ObjectMapper().readTree(in);
        }
    }
}

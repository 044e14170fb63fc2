/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.model.Fingerprint;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Fingerprints of a graph and of each of its vertices.
 *
 * <p>A vertex hashes its configuration (JSON, without iteration and epoch counts and seed) and its parameters sorted by key: key,
 * type, order, rank, dimensions (int64, little-endian) and the raw bytes in that order. The whole hashes inputs, outputs,
 * and for each vertex in topological order its name, inputs and hash. Strings are written with their length.
 */
public record Fingerprints(Fingerprint whole, Map<String, Fingerprint> vertices) {

    public static Fingerprints of(
            ComputationGraphConfiguration configuration, Function<String, Map<String, INDArray>> parameters) {
        List<String> order = configuration.getTopologicalOrderStr().stream()
                .filter(configuration.getVertices()::containsKey)
                .toList();
        Map<String, byte[]> hashes = new ConcurrentHashMap<>();
        order.parallelStream()
                .forEach(name ->
                        hashes.put(name, vertex(of(configuration.getVertices(), name), parameters.apply(name))));

        MessageDigest digest = Sha256.start();
        strings(digest, configuration.getNetworkInputs());
        strings(digest, configuration.getNetworkOutputs());
        Map<String, Fingerprint> vertices = new LinkedHashMap<>();
        for (String name : order) {
            byte[] hash = hashes.get(name);
            string(digest, name);
            strings(digest, of(configuration.getVertexInputs(), name));
            digest.update(hash);
            vertices.put(name, new Fingerprint(HexFormat.of().formatHex(hash)));
        }
        return new Fingerprints(new Fingerprint(Sha256.hex(digest)), Collections.unmodifiableMap(vertices));
    }

    private static <T> T of(Map<String, T> map, String vertex) {
        return Objects.requireNonNull(map.get(vertex), vertex);
    }

    private static byte[] vertex(GraphVertex vertex, Map<String, INDArray> parameters) {
        MessageDigest digest = Sha256.start();
        string(digest, json(vertex));
        new TreeMap<>(parameters).forEach((key, values) -> {
            string(digest, key);
            string(digest, values.dataType().name());
            string(digest, String.valueOf(values.ordering()));
            long[] shape = shape(vertex, values);
            number(digest, shape.length);
            for (long size : shape) {
                number(digest, size);
            }
            ArrayBytes.update(digest, values);
        });
        return digest.digest();
    }

    /** Of a vertex, as if it had this name. */
    public static Fingerprint as(String name, GraphVertex vertex, Map<String, INDArray> parameters) {
        GraphVertex copy = Configurations.copy(vertex);
        if (copy instanceof LayerVertex layer) {
            layer.getLayerConf().getLayer().setLayerName(name);
        }
        return new Fingerprint(HexFormat.of().formatHex(vertex(copy, parameters)));
    }

    /** As a layer that was loaded has it: an elementwise product's weights are a row, [1, n], where they were just made, and [n] elsewhere. */
    private static long[] shape(GraphVertex vertex, INDArray values) {
        boolean row = vertex instanceof LayerVertex layer
                && layer.getLayerConf().getLayer() instanceof ElementWiseMultiplicationLayer
                && values.rank() == 2;
        return row ? new long[] {values.length()} : values.shape();
    }

    private static String json(GraphVertex vertex) {
        GraphVertex copy = Configurations.copy(vertex);
        if (copy instanceof LayerVertex layer) {
            layer.getLayerConf().setIterationCount(0);
            layer.getLayerConf().setEpochCount(0);
            layer.getLayerConf().setSeed(0);
            layer.getLayerConf().clearVariables();
        }
        return Configurations.json(copy);
    }

    private static void strings(MessageDigest digest, List<String> values) {
        number(digest, values.size());
        values.forEach(value -> string(digest, value));
    }

    private static void string(MessageDigest digest, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        number(digest, bytes.length);
        digest.update(bytes);
    }

    private static void number(MessageDigest digest, long value) {
        digest.update(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.weights;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.network.WeightMatrix;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The weights of one layer with {@code W + s·A·B} in place of those that have adapters: a copy of the layer's parameters, made new
 * where factors have changed since it was last used. With the adapters off it holds the base's bytes.
 *
 * <p>Not thread-safe.
 */
public final class AdaptedWeights {

    private final List<WeightAdapter> adapters;
    private final Map<String, WeightMatrix> matrices;
    private final Map<String, INDArray> base;
    private final Map<String, INDArray> own;
    private Map<String, INDArray> withoutAdapter;
    private boolean enabled = true;
    private @Nullable INDArray madeFrom;

    /**
     * @param adapters of the layer
     * @param matrices its weights as matrices, by key and in its order
     * @param base the base's parameters, only read
     * @param own the parameters that the layer computes with, views of a copy
     */
    public AdaptedWeights(
            List<WeightAdapter> adapters,
            Map<String, WeightMatrix> matrices,
            Map<String, INDArray> base,
            Map<String, INDArray> own) {
        this.adapters = List.copyOf(adapters);
        this.matrices = matrices;
        this.base = base;
        this.withoutAdapter = base;
        this.own = own;
    }

    void setEnabled(boolean enabled) {
        this.enabled = enabled;
        this.madeFrom = null;
    }

    void setWithoutAdapter(Map<String, INDArray> weights) {
        this.withoutAdapter = weights;
        this.madeFrom = null;
    }

    /** Elements of all the layer's parameters. */
    long count() {
        return own.values().stream().mapToLong(INDArray::length).sum();
    }

    /**
     * Makes the weights new, unless they were made from these very factors.
     *
     * @param vector the part of the parameter vector that the factors are views of
     * @param factors by key
     */
    void refresh(INDArray vector, Map<String, INDArray> factors) {
        INDArray last = madeFrom;
        if (last != null && (!enabled || vector.eq(last).all())) {
            return;
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            for (WeightAdapter one : adapters) {
                make(one, factors);
            }
            if (last == null) {
                madeFrom = vector.dup();
            } else {
                last.assign(vector);
            }
        }
    }

    private void make(WeightAdapter one, Map<String, INDArray> factors) {
        String key = one.weight().parameter();
        INDArray weight = require(own, key).assign(require(enabled ? base : withoutAdapter, key));
        if (!enabled) {
            return;
        }
        INDArray a = require(factors, one.weight().keyOfA());
        INDArray b = require(factors, one.weight().keyOfB());
        WeightMatrix matrix = require(matrices, key);
        if (matrix.isWeight()) {
            Nd4j.gemm(a, b, weight, false, false, one.adapter().scaling(), 1);
            return;
        }
        INDArray product = Nd4j.createUninitialized(a.dataType(), new long[] {one.rows(), one.columns()}, 'f');
        Nd4j.gemm(a, b, product, false, false, one.adapter().scaling(), 0);
        weight.addi(matrix.asWeight(product, weight.shape()));
    }

    /**
     * Writes the gradients of all factors; zeros while the adapters are off.
     *
     * @param weights gradients of the layer's parameters, by key
     * @param factors by key
     * @param gradients overwritten, by the same keys
     */
    void gradients(Map<String, INDArray> weights, Map<String, INDArray> factors, Map<String, INDArray> gradients) {
        each(factors, gradients, (one, a, b, gradA, gradB) -> {
            String key = one.weight().parameter();
            INDArray gradient = require(weights, key).reshape(require(own, key).shape());
            INDArray matrix = require(matrices, key).matrix(gradient);
            FactorGradients.write(matrix, a, b, one.adapter().scaling(), gradA, gradB);
        });
    }

    /**
     * The same, of what is behind the weights' gradients.
     *
     * @param weights by key
     */
    void gradientsOfRows(Map<String, Rows> weights, Map<String, INDArray> factors, Map<String, INDArray> gradients) {
        each(factors, gradients, (one, a, b, gradA, gradB) -> {
            Rows rows = require(weights, one.weight().parameter());
            FactorGradients.writeOfRows(rows.x(), rows.d(), a, b, one.adapter().scaling(), gradA, gradB);
        });
    }

    /**
     * A weight's gradient {@code xᵀd} before it is formed.
     *
     * @param x [n, rows]
     * @param d [n, columns]
     */
    record Rows(INDArray x, INDArray d) {}

    /** Keys of all weights of the layer that could have adapters, in its order. */
    List<String> keys() {
        return List.copyOf(matrices.keySet());
    }

    @FunctionalInterface
    private interface Writer {
        void write(WeightAdapter one, INDArray a, INDArray b, INDArray gradA, INDArray gradB);
    }

    private void each(Map<String, INDArray> factors, Map<String, INDArray> gradients, Writer writer) {
        for (WeightAdapter one : adapters) {
            String keyOfA = one.weight().keyOfA();
            String keyOfB = one.weight().keyOfB();
            INDArray gradA = require(gradients, keyOfA);
            INDArray gradB = require(gradients, keyOfB);
            if (enabled) {
                writer.write(one, require(factors, keyOfA), require(factors, keyOfB), gradA, gradB);
            } else {
                gradA.assign(0);
                gradB.assign(0);
            }
        }
    }

    private static <V> V require(Map<String, V> map, String key) {
        return Objects.requireNonNull(map.get(key), key);
    }
}

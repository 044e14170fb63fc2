/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.WeightRows;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.config.WeightAdapter;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
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

    /** The bias that a bias on B is added to. */
    private static final String BIAS = DefaultParamInitializer.BIAS_KEY;

    private final List<WeightAdapter> adapters;
    private final List<String> biases;
    private final Map<String, WeightMatrix> matrices;
    private final Map<String, INDArray> base;
    private final Map<String, INDArray> own;
    private Map<String, INDArray> withoutAdapter;
    private boolean enabled = true;
    private @Nullable INDArray madeFrom;

    /**
     * @param adapters of the layer
     * @param biases keys of those that train, among the base's parameters and among what trains
     * @param matrices its weights as matrices, by key and in its order
     * @param base the base's parameters, only read
     * @param own the parameters that the layer computes with, views of a copy
     */
    public AdaptedWeights(
            List<WeightAdapter> adapters,
            List<String> biases,
            Map<String, WeightMatrix> matrices,
            Map<String, INDArray> base,
            Map<String, INDArray> own) {
        this.adapters = List.copyOf(adapters);
        this.biases = List.copyOf(biases);
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

    /** Keys of all weights of the layer that could have adapters, in its order. */
    List<String> keys() {
        return List.copyOf(matrices.keySet());
    }

    /**
     * Makes the weights new, unless they were made from these very parameters.
     *
     * @param vector the part of the parameter vector
     * @param trained its views by key: factors, their vectors, biases
     */
    void refresh(INDArray vector, Map<String, INDArray> trained) {
        INDArray last = madeFrom;
        if (last != null && (!enabled || vector.eq(last).all())) {
            return;
        }
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            biases.forEach(key -> make(key, trained));
            adapters.forEach(one -> make(one, trained));
            if (last == null) {
                madeFrom = vector.dup();
            } else {
                last.assign(vector);
            }
        }
    }

    private void make(String bias, Map<String, INDArray> trained) {
        INDArray values = enabled ? require(trained, bias) : require(base, bias);
        INDArray into = require(own, bias);
        into.assign(values.reshape(into.shape()));
    }

    private void make(WeightAdapter one, Map<String, INDArray> trained) {
        String key = one.weight().parameter();
        boolean biased = one.adapter().scheme().biasOnB();
        if (biased && !biases.contains(BIAS)) {
            require(own, BIAS).assign(require(base, BIAS));
        }
        if (!enabled) {
            require(own, key).assign(require(withoutAdapter, key));
            return;
        }
        effective(one, trained).write(require(base, key), require(own, key));
        if (biased) {
            INDArray bias = require(own, BIAS);
            INDArray ofB = require(trained, one.weight().keyOfBiasOnB());
            bias.addi(ofB.mul(one.adapter().scaling()).reshape(bias.shape()));
        }
    }

    private EffectiveWeight effective(WeightAdapter one, Map<String, INDArray> trained) {
        return new EffectiveWeight(
                one.adapter().scaling(),
                one.adapter().scheme().dora(),
                require(matrices, one.weight().parameter()),
                require(trained, one.weight().keyOfA()),
                require(trained, one.weight().keyOfB()),
                Optional.ofNullable(trained.get(one.weight().keyOfMagnitude())));
    }

    /** The gradients of a layer's parameters. */
    interface Formed {

        /** The gradient of a weight as a matrix. */
        INDArray weight(String key);

        /** The gradient of a bias. */
        INDArray bias(String key);

        /** The rows behind a weight's gradient, if it is not formed. */
        Optional<WeightRows> rows(String key);
    }

    /** The matrix of a weight's gradient that has been formed. */
    INDArray matrix(String key, INDArray gradient) {
        return require(matrices, key).matrix(gradient.reshape(require(own, key).shape()));
    }

    /**
     * Writes the gradients of everything that trains; zeros while the adapters are off.
     *
     * @param gradients overwritten, by key
     */
    void gradients(Formed formed, Map<String, INDArray> trained, Map<String, INDArray> gradients) {
        if (!enabled) {
            gradients.values().forEach(gradient -> gradient.assign(0));
            return;
        }
        for (String bias : biases) {
            INDArray into = require(gradients, bias);
            into.assign(formed.bias(bias).reshape(into.shape()));
        }
        adapters.forEach(one -> gradients(one, formed, trained, gradients));
    }

    private void gradients(
            WeightAdapter one, Formed formed, Map<String, INDArray> trained, Map<String, INDArray> gradients) {
        String key = one.weight().parameter();
        INDArray gradA = require(gradients, one.weight().keyOfA());
        INDArray gradB = require(gradients, one.weight().keyOfB());
        Optional<WeightRows> rows = formed.rows(key);
        if (rows.isPresent() && !one.adapter().scheme().hasMagnitude()) {
            FactorGradients.writeOfRows(
                    rows.get().x(),
                    rows.get().d(),
                    require(trained, one.weight().keyOfA()),
                    require(trained, one.weight().keyOfB()),
                    one.adapter().scaling(),
                    gradA,
                    gradB);
        } else {
            Optional<INDArray> gradM =
                    Optional.ofNullable(gradients.get(one.weight().keyOfMagnitude()));
            effective(one, trained)
                    .gradients(
                            require(base, key), formed.weight(key), new EffectiveWeight.Gradients(gradA, gradB, gradM));
        }
        if (one.adapter().scheme().biasOnB()) {
            INDArray into = require(gradients, one.weight().keyOfBiasOnB());
            into.assign(formed.bias(BIAS).mul(one.adapter().scaling()).reshape(into.shape()));
        }
    }

    private static <V> V require(Map<String, V> map, String key) {
        return Objects.requireNonNull(map.get(key), key);
    }
}

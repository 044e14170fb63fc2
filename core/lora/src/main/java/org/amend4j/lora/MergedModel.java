/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import org.amend4j.model.BaseModel;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A plain Deeplearning4j network with the adapters folded into its weights, {@code W + s·A·B}, usable without this library.
 * It is a copy: the base and the adapters stay unchanged. {@link #unmerge()} restores the base's weights bit for bit, by
 * copying, not by subtracting.
 */
public final class MergedModel {

    private static final Logger LOG = LogManager.getLogger(MergedModel.class);

    private final ComputationGraph network;
    private final BaseModel base;
    private final INDArray mergedParameters;
    private boolean merged = true;

    MergedModel(ComputationGraph network, BaseModel base) {
        this.network = network;
        this.base = base;
        this.mergedParameters = network.params().dup();
    }

    /** The stock network; save it with Deeplearning4j's {@code ModelSerializer}. */
    public ComputationGraph network() {
        return network;
    }

    /** Whether the network holds the merged weights now. */
    public boolean isMerged() {
        return merged;
    }

    /** Puts the base's weights into {@link #network()}, bit for bit. Unmerging twice does nothing and logs so. */
    public void unmerge() {
        if (!merged) {
            LOG.warn("the network is already unmerged: nothing to do");
            return;
        }
        network.params().assign(base.network().params());
        merged = false;
    }

    /** Puts the merged weights back, bit for bit. Merging twice does nothing and logs so. */
    public void merge() {
        if (merged) {
            LOG.warn("the network is already merged: nothing to do");
            return;
        }
        network.params().assign(mergedParameters);
        merged = true;
    }
}

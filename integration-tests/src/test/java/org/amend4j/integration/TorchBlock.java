/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A block of MobileNetV2 in libtorch: convolutions in a row, and around them a shortcut where the network has one.
 *
 * @param convolutions at least one
 * @param shortcut whether the block's input is added to its output
 */
record TorchBlock(List<TorchConvolution> convolutions, boolean shortcut) {

    /** The picture's first convolution and the block without expansion. */
    static TorchBlock stem(NDManager manager, ComputationGraph network) {
        return new TorchBlock(
                List.of(
                        new TorchConvolution(manager, network, "Conv1", "bn_Conv1"),
                        convolution(manager, network, "expanded_conv_depthwise"),
                        convolution(manager, network, "expanded_conv_project")),
                false);
    }

    /** Block {@code number}, from 1, with the problem's adapters if it has any. */
    static TorchBlock inverted(
            NDManager manager,
            ComputationGraph network,
            int number,
            MobileNetProblem problem,
            TorchParameters parameters) {
        List<TorchConvolution> convolutions = new ArrayList<>();
        for (String part : List.of("expand", "depthwise", "project")) {
            String name = "block_" + number + "_" + part;
            TorchConvolution convolution = convolution(manager, network, name);
            if (problem.targets().contains(name)) {
                convolution.adapt(manager, problem, name, parameters);
            }
            convolutions.add(convolution);
        }
        return new TorchBlock(convolutions, network.getVertex("block_" + number + "_add") != null);
    }

    /** Output for input [batch, channels, h, w], which stays open. */
    NDArray forward(NDArray x) {
        NDArray y = convolutions.get(0).forward(x);
        for (TorchConvolution convolution : convolutions.subList(1, convolutions.size())) {
            try (NDArray below = y) {
                y = convolution.forward(below);
            }
        }
        return shortcut ? y.addi(x) : y;
    }

    private static TorchConvolution convolution(NDManager manager, ComputationGraph network, String name) {
        return new TorchConvolution(manager, network, name, name + "_BN");
    }
}

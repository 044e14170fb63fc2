/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a {@link LayerKind} of layers over sequences may query while its frozen layer is created. */
public interface FrozenSequences {

    /** The running layer of one that is inside of another; {@link LayerKind#runsAsFrozenSequence} must hold for it. */
    Layer inside(org.deeplearning4j.nn.conf.layers.Layer layer, INDArray parameters);

    /** A configuration around a layer. */
    NeuralNetConfiguration conf(org.deeplearning4j.nn.conf.layers.Layer layer);

    /** Of all numbers. */
    DataType type();
}

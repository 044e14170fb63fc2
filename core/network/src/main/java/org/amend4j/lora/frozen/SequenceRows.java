/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.frozen;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the gradients of a recurrent layer's weights are made of in one direction of time, over rows [batch · time].
 *
 * @param x the inputs: the input weights' gradient is {@code xᵀd}
 * @param h the outputs that each step started from: the recurrent weights' gradient is {@code hᵀd}
 * @param d derivative at {@code x·W + h·R + b}
 */
public record SequenceRows(INDArray x, INDArray h, INDArray d) {}

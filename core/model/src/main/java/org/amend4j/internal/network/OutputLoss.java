/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Optional;
import org.amend4j.internal.network.Operation.LossKind;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A loss of Deeplearning4j, with the settings that the kernels' {@link LossKind} leaves out.
 *
 * @param weights of the columns, if the loss has any
 * @param clip ε of a sigmoid whose probabilities are clipped to [ε, 1 - ε], for the gradient too; 0 without clipping, and for
 *     the other losses
 */
public record OutputLoss(LossKind kind, Optional<INDArray> weights, double clip) {}

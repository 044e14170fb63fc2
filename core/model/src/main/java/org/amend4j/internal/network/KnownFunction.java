/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Optional;
import org.nd4j.linalg.activations.IActivation;

/** An activation function of ours for Deeplearning4j's layers: it says itself which one it is that kernels have. */
public interface KnownFunction extends IActivation {

    /** The function that kernels have. */
    Activation activation();

    /** The function that kernels have for one of ours or Deeplearning4j's, if they have it. */
    static Optional<Activation> of(IActivation function) {
        return ActivationReader.known(function);
    }
}

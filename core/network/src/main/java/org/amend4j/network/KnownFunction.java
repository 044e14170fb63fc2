/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import org.nd4j.linalg.activations.IActivation;

/** An activation function of ours for Deeplearning4j's layers: it says itself which one it is that kernels have. */
public interface KnownFunction extends IActivation {

    /** The function that kernels have. */
    Activation activation();
}

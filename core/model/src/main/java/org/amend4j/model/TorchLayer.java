/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

/** Kinds of layers by their counterparts in PyTorch. The names are stored in adapter files. */
public enum TorchLayer {
    /** W [inputs, outputs], optional b and layer-norm gain g. */
    DENSE,
    /** W [outputs, inputs, size, 1] as Deeplearning4j stores it, optional b. */
    CONV1D,
    /** W [outputs, inputs, height, width], optional b. */
    CONV2D,
    /** W [numbers, width]: a table. */
    EMBEDDING,
    /** A gain g, optional b: rows normalised. */
    ROW_NORM,
    /** mean and log10stdev or var, optional gamma and beta. */
    BATCH_NORM,
    /** Anything else; PEFT cannot load it. */
    OTHER
}

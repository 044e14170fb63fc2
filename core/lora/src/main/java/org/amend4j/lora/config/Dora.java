/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

/**
 * Whether an adapter has a magnitude of its own for every output, and trains the direction by the factors (DoRA: Liu et al.,
 * arXiv 2402.09353): with V = W + s·A·B and c the norms of its columns, {@code y = (xV)∘(m/c) + b}.
 */
public enum Dora {
    /** No: plain LoRA. */
    NONE,
    /** As in PEFT and section 4.3 of the paper: c counts as a constant in back-propagation. */
    DETACHED_NORM,
    /** The gradient of what is computed; what guarantees of descent are about. */
    TRUE_GRADIENT
}

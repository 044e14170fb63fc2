/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

/**
 * Whose names an adapter's files give to the modules of ViT and DINOv2, which release 5 of transformers changed in memory and not in checkpoints. All
 * others are called alike in both.
 */
public enum ModuleNames {
    /** As in memory since release 5: {@code vit.layers.0.attention.q_proj}. */
    TRANSFORMERS_5,
    /** As in memory before, and in checkpoints: {@code vit.encoder.layer.0.attention.attention.query}. */
    TRANSFORMERS_4
}

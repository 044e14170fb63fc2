/** Running layers and vertices of a base that never train: Deeplearning4j's own on the base's weights, or recurrent layers and attentions that compute their input's gradient alone. */
@NullMarked
package org.amend4j.internal.lora.sequence;

import org.jspecify.annotations.NullMarked;

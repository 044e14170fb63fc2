/** Running layers and vertices of Deeplearning4j that compute with {@code W + s·A·B} in place of their weights. */
@NullMarked
package org.amend4j.lora.weights;

import org.jspecify.annotations.NullMarked;

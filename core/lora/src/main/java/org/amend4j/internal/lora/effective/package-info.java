/** Running layers and vertices that compute with {@code W + s·A·B} in place of their weights: Deeplearning4j's, or ours where no weight's gradient is formed. */
@NullMarked
package org.amend4j.internal.lora.effective;

import org.jspecify.annotations.NullMarked;

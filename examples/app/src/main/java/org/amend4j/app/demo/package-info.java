/** {@code amend4j demo}: LoRA on a pretrained MobileNetV2. Start reading at {@link FashionDemo}. */
@NullMarked
package org.amend4j.app.demo;

import org.jspecify.annotations.NullMarked;

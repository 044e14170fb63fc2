/** Running layers made of products on rows, with or without an adapter, for kinds of layers to use; and the rows behind their gradients. */
@NullMarked
package org.amend4j.internal.lora.layer;

import org.jspecify.annotations.NullMarked;

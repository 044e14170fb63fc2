/** Parts of pages that show what an adapter is on and what it changes. Start reading at {@link LayerMaps}, {@link Comparison}. */
@NullMarked
package org.amend4j.app.lora;

import org.jspecify.annotations.NullMarked;

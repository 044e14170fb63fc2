/** What an adapter is on and what it changes, to look at: parts of pages. Start reading at {@link LayerMaps}, {@link Comparison}. */
@NullMarked
package org.amend4j.app.lora;

import org.jspecify.annotations.NullMarked;

/** What a configuration would adapt, and how, before anything is attached: as a table, JSON, and a picture of the graph. */
@NullMarked
package org.amend4j.lora.explain;

import org.jspecify.annotations.NullMarked;

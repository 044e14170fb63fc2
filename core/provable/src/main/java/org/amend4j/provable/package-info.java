/**
 * Which networks and adapters have proved constants: from a graph and its records to the bounds that certified unlearning
 * rests on, or a sentence that says why there are none.
 */
@NullMarked
package org.amend4j.provable;

import org.jspecify.annotations.NullMarked;

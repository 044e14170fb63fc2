/**
 * Which networks and adapters have proved constants: given a graph and its records, the bounds that certified unlearning
 * rests on, or a sentence that says why there are none.
 */
@NullMarked
package org.amend4j.provable;

import org.jspecify.annotations.NullMarked;

/**
 * Which networks and adapters have proved constants: from a graph and its records to the bounds that certified unlearning
 * rests on, or a sentence that says what is in the way.
 */
@NullMarked
package org.amend4j.provable;

import org.jspecify.annotations.NullMarked;

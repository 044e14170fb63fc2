/** Graphs and their data computed by plans, on any machine: objectives, minibatch training, frozen parts. */
@NullMarked
package org.amend4j.internal.training;

import org.jspecify.annotations.NullMarked;

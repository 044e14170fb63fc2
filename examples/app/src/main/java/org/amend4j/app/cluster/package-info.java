/** The place where jobs compute divisible work: in this process, or on a cluster that another module knows. */
@NullMarked
package org.amend4j.app.cluster;

import org.jspecify.annotations.NullMarked;

/** Where jobs compute what can be divided: in this process, or on a cluster that another module knows. */
@NullMarked
package org.amend4j.app.cluster;

import org.jspecify.annotations.NullMarked;

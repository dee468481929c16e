#include "metrics/page_store.h"
